// The board: a clock, a serial port on stdin and stdout, and main(). SIGTERM pulls the plug.
#include <Arduino.h>
#include <ESP8266WiFi.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

HostSerial Serial;
HostWiFi WiFi;

unsigned long millis() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint32_t>(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

void delay(unsigned long milliseconds) { usleep(static_cast<useconds_t>(milliseconds * 1000)); }

long random(long bound) {
  uint32_t value = 0;
  if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) return 0;
  return bound > 0 ? static_cast<long>(value % static_cast<uint32_t>(bound)) : 0;
}

// HOST_BUTTON names a file that is there while the button is held.
int digitalRead(uint8_t) {
  const char *button = getenv("HOST_BUTTON");
  return button && access(button, F_OK) == 0 ? LOW : HIGH;
}
void pinMode(uint8_t, uint8_t) {}
void analogWrite(uint8_t, int) {}
void configTime(long, int, const char *) {}

int HostSerial::available() {
  struct pollfd input = {STDIN_FILENO, POLLIN, 0};
  return poll(&input, 1, 0) == 1 && (input.revents & POLLIN) ? 1 : 0;
}

int HostSerial::read() {
  unsigned char byte = 0;
  return ::read(STDIN_FILENO, &byte, 1) == 1 ? byte : -1;
}

void HostSerial::printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
}

int main() {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  setup();
  for (;;) loop();
}
