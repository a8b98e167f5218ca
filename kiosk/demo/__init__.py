"""The day that `./run demo` plays: a registry, three desks, three kiosks, and the people who come to them."""
