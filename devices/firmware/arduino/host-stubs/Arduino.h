// Just enough of the Arduino core to compile and run the sketch on Linux.
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef uint8_t byte;
typedef bool boolean;
#define OUTPUT 1
#define INPUT 0
#define INPUT_PULLUP 2
#define LOW 0
#define HIGH 1

unsigned long millis();
void delay(unsigned long milliseconds);
long random(long bound);
void pinMode(uint8_t pin, uint8_t mode);
int digitalRead(uint8_t pin);
void analogWrite(uint8_t pin, int value);
void configTime(long offsetSeconds, int daylightSeconds, const char *server);

struct HostSerial {
  void begin(unsigned long) {}
  void println(const char *text) { puts(text); }
  int available();
  int read();
  void printf(const char *format, ...) __attribute__((format(printf, 2, 3)));
};
extern HostSerial Serial;

void setup();
void loop();
