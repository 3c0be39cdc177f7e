"""`openitem bureau-stand-in`: the stand-in bureaus in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse

DEFAULT_PORT = 8190


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `bureau-stand-in` to the command line."""
    parser = commands.add_parser(
        "bureau-stand-in", help="run stand-ins for credit bureaus on this machine", description=__doc__
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on 127.0.0.1 (default: %(default)s)")
    parser.set_defaults(call=run)


def run(arguments: argparse.Namespace) -> int:
    """Say how the system is pointed to the stand-ins, and serve them."""
    import uvicorn

    from openitem.stand_ins.bureau import stand_in

    for name, value in environment(arguments.port).items():
        print(f"export {name}={value}", flush=True)
    uvicorn.run(stand_in(), host="127.0.0.1", port=arguments.port, log_level="warning")
    return 0


def environment(port: int) -> dict[str, str]:
    """Return the settings of credit-service that point to stand-ins at this port."""
    url = f"http://127.0.0.1:{port}"
    return {
        "OPENITEM_BUREAU_COFACE_URL": f"{url}/coface/dataapi-v1",
        "OPENITEM_BUREAU_COFACE_TOKEN_URL": f"{url}/coface/authentication/v1",
        "OPENITEM_BUREAU_COFACE_API_KEY": "stand-in",
        "OPENITEM_BUREAU_COFACE_USERNAME": "stand-in",
        "OPENITEM_BUREAU_COFACE_PASSWORD": "stand-in",
        "OPENITEM_BUREAU_DUN_BRADSTREET_URL": f"{url}/dnb",
        "OPENITEM_BUREAU_DUN_BRADSTREET_KEY": "stand-in",
        "OPENITEM_BUREAU_DUN_BRADSTREET_SECRET": "stand-in",
    }
