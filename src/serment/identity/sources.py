"""The network a request comes from, as the throttle counts it."""

from ipaddress import IPv4Address, ip_address, ip_network

_IPV4_PREFIX = 24
_IPV6_PREFIX = 64


def network_of(origin: str) -> str:
    """Return the /24 or /64 of the address at the end of `origin`; an origin without address stands for itself.

    An IPv4 address written inside IPv6 counts as IPv4, so that the two writings share one bucket.
    """
    written = origin.rsplit(" ", 1)[-1]
    try:
        address = ip_address(written)
    except ValueError:
        return origin
    if not isinstance(address, IPv4Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    prefix = _IPV4_PREFIX if isinstance(address, IPv4Address) else _IPV6_PREFIX
    return str(ip_network((address.packed, prefix), strict=False))
