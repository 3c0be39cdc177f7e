"""Ports: free when drawn, and never drawn twice on one machine."""

from __future__ import annotations

import socket
import subprocess
import sys

from openitem.local.ports import FIRST_PORT, LAST_PORT, LOOPBACK, free_port, refusal_to_bind


def test_drawn_ports_are_free_and_different() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert all(FIRST_PORT <= port <= LAST_PORT for port in ports)
    assert [refusal_to_bind(port) for port in ports] == [None] * 50


def test_ports_are_below_those_the_kernel_gives_to_outgoing_connections() -> None:
    with open("/proc/sys/net/ipv4/ip_local_port_range") as range_file:
        assert int(range_file.read().split()[0]) > LAST_PORT


def test_another_process_cannot_claim_a_drawn_port() -> None:
    port = free_port()
    program = f"from openitem.local import ports; print(ports._claim({port}))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_a_port_somebody_listens_on_is_taken() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        assert refusal_to_bind(server.getsockname()[1]) == "is taken"
