"""A lamp: the device type devices/types/lamp.json. Replace `show` by what your hardware does."""

import argparse
import signal
import sys
import time

from latchkey_connection import Broker
from latchkey_device import CannotDo, Device, say

BLINK_SECONDS = 0.4


def is_whole(value, low, high):
    """50.0 is whole too, as it is in JSON Schema."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high and value == int(value)


CHECKS = {
    "on": (lambda value: isinstance(value, bool), "true or false"),
    "brightness": (lambda value: is_whole(value, 0, 100), "a whole number from 0 to 100"),
    "colorTemperature": (lambda value: is_whole(value, 2700, 6500) and value % 100 == 0, "hundreds from 2700 to 6500"),
}


class Lamp(Device):
    def __init__(self, broker, store):
        super().__init__(broker, store, {"on": False, "brightness": 80, "colorTemperature": 4000})
        self.actions["blink"] = self.blink
        self.on_tick = self.tick
        self.toggles_left = 0
        self.next_toggle = 0.0

    def on_set(self, wanted):
        """All of it or nothing."""
        for name, value in wanted.items():
            if name not in CHECKS:
                raise CannotDo(f"{name}: a lamp has no such property")
            is_good, allowed = CHECKS[name]
            if not is_good(value):
                raise CannotDo(f"{name}: must be {allowed}")
        if "on" in wanted and self.toggles_left:
            self.toggles_left = 0
        return {name: value if name == "on" else int(value) for name, value in wanted.items()}

    def blink(self, wanted):
        times = wanted.get("times", 3) if isinstance(wanted, dict) else 3
        if not is_whole(times, 1, 20):
            raise CannotDo("times: must be a whole number from 1 to 20")
        # From the state before the blinking under way, so that the lamp ends as it was.
        self.toggles_left = 2 * int(times) + self.toggles_left % 2
        self.next_toggle = time.monotonic()

    def tick(self):
        if self.toggles_left and time.monotonic() >= self.next_toggle:
            self.toggles_left -= 1
            self.next_toggle += BLINK_SECONDS
            self.report({"on": not self.state["on"]})

    def report(self, changes):
        super().report(changes)
        self.show()

    def show(self):
        """Here an LED would be driven."""
        say(f"lamp {'on' if self.state['on'] else 'off'} at {self.state['brightness']} %, {self.state['colorTemperature']} K")


def main():
    parser = argparse.ArgumentParser(description="a Latchkey lamp")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="1883, or 8883 with TLS")
    parser.add_argument("--tls", action="store_true", help="TLS, checked against the system's authorities")
    parser.add_argument("--ca", metavar="FILE", help="TLS, checked against this authority (PEM)")
    parser.add_argument("--store", metavar="FILE", default="lamp.json", help="keeps device id and secret (default lamp.json)")
    parser.add_argument("--serial", help="enrolls by this serial number when there is no store yet")
    parser.add_argument("--product-secret", metavar="FILE", help="file with the secret of the product")
    given = parser.parse_args()
    if (given.serial is None) != (given.product_secret is None):
        parser.error("--serial and --product-secret go together")
    tls = given.tls or given.ca is not None
    broker = Broker(given.host, given.port or (8883 if tls else 1883), tls, given.ca)
    factory = None
    if given.serial is not None:
        with open(given.product_secret, encoding="ascii") as file:
            factory = ("lamp", given.serial, file.read().strip())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    lamp = Lamp(broker, given.store)
    # Here a button that is held would be read; on Linux: kill -USR1.
    signal.signal(signal.SIGUSR1, lambda *_: lamp.offer())
    try:
        lamp.run(factory)
    except KeyboardInterrupt:
        pass
    finally:
        lamp.close()


if __name__ == "__main__":
    main()
