#pragma once

#include <Client.h>

#define WIFI_STA 1
#define WL_CONNECTED 3

struct HostWiFi {
  void persistent(bool) {}
  void mode(int) {}
  void setAutoReconnect(bool) {}
  void begin(const char *, const char *) {}
  int status() { return WL_CONNECTED; }
};
extern HostWiFi WiFi;
