#pragma once

// On the host PubSubClient makes its connections itself; it only asks which authority to check against.
class Client {
 public:
  virtual ~Client() {}
  virtual const char *hostAuthority() const { return nullptr; }
};
class WiFiClient : public Client {};
