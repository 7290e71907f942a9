"""Offline mode: nothing leaves this machine, and what would have to be fetched is refused by its name.

--offline asks for it, or INTERLINGUA_OFFLINE=1 in the environment (docs/reliability.md, "Silent network").
"""

import os
import sys
from ipaddress import ip_address
from typing import Any

from interlingua.errors import ConfigError

VARIABLE = "INTERLINGUA_OFFLINE"
SWITCHES = {VARIABLE: "1", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "WANDB_MODE": "offline"}
"""Variables that libraries, and processes that are started from here, heed."""
CONNECT = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}
LOOK_UP = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.gethostbyaddr": 0}
"""Python's own events of the network, and which of their arguments is the address or the name of the host."""


def is_offline() -> bool:
    """Whether offline mode is asked for."""
    return os.environ.get(VARIABLE, "0") not in ("", "0")


def go_offline() -> None:
    """Ask for offline mode, here and in every process that is started from here."""
    os.environ.update(SWITCHES)


def is_here(host: str) -> bool:
    """Whether this names the machine itself: localhost or an address of the loopback interface."""
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower().removesuffix(".") == "localhost"


def loopback() -> str:
    """The name of the interface by which a machine reaches itself: lo, lo0."""
    import psutil

    interfaces = psutil.net_if_addrs().items()
    return next((name for name, addresses in interfaces if any(is_here(each.address) for each in addresses)), "lo")


def guard() -> None:
    """From here on, whatever asks Python for a connection to another machine is refused while this is offline mode:
    libraries, recipes and packages of others too. For a process of ours alone; it cannot be undone.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in CONNECT:
        address = arguments[CONNECT[event]]
        host = address[0] if isinstance(address, tuple) and address else None  # of AF_UNIX it is a path
    elif event in LOOK_UP:
        host = arguments[LOOK_UP[event]]
    else:
        return
    host = os.fsdecode(host) if isinstance(host, str | bytes) else ""
    if host and is_offline() and not is_here(host):
        raise ConfigError(f"something wants to connect to {host}, which offline mode forbids; leave --offline out")
