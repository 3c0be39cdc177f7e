"""A token of the running local stack, for the person at the keyboard and for what runs beside it."""

from __future__ import annotations

import argparse
import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from openitem.local.errors import CannotStartError
from openitem.local.settings import read_settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `token` to the command line."""
    parser = commands.add_parser("token", help="print a bearer token of the running local system")
    parser.add_argument("client", help="a client of clients.json, as in erp or credit_manager")
    parser.set_defaults(call=print_token)


def print_token(arguments: argparse.Namespace) -> int:
    """Print the token and nothing else, so that it can stand inside a shell command."""
    settings = read_settings()
    print(fetch_token(settings.base_url, settings.clients_file, arguments.client))
    return 0


def fetch_token(base_url: str, clients_file: Path, client_id: str) -> str:
    """A bearer token; raises CannotStartError when there is no such client or nobody answers."""
    try:
        secret = json.loads(clients_file.read_text())[client_id]
    except OSError as error:
        raise CannotStartError(f"cannot read {clients_file}: {error.strerror}; is the system running?") from error
    except KeyError as error:
        raise CannotStartError(f"there is no client {client_id!r} in {clients_file}") from error
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    request = urllib.request.Request(f"{base_url}/oauth/token", data=urllib.parse.urlencode(form).encode())
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            token: str = json.load(answer)["access_token"]
    except (urllib.error.URLError, OSError) as error:
        raise CannotStartError(f"no token from {base_url}: {error}") from error
    return token
