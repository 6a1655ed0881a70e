// PubSubClient 2.8's interface on libmosquitto, with the habits that matter: one buffer for what comes and what goes, packets that do not
// fit are passed over, publishing at QoS 0 only, connect() waits, everything else happens in loop().
#pragma once

#include <Arduino.h>
#include <Client.h>
#include <mosquitto.h>

#include <functional>
#include <string>
#include <vector>

#define MQTT_CONNECTION_TIMEOUT -4
#define MQTT_CONNECTION_LOST -3
#define MQTT_CONNECT_FAILED -2
#define MQTT_DISCONNECTED -1
#define MQTT_CONNECTED 0
#define MQTT_CONNECT_BAD_PROTOCOL 1
#define MQTT_CONNECT_BAD_CLIENT_ID 2
#define MQTT_CONNECT_UNAVAILABLE 3
#define MQTT_CONNECT_BAD_CREDENTIALS 4
#define MQTT_CONNECT_UNAUTHORIZED 5

class PubSubClient {
 public:
  PubSubClient();
  ~PubSubClient();
  PubSubClient(const PubSubClient &) = delete;
  PubSubClient &operator=(const PubSubClient &) = delete;

  PubSubClient &setClient(Client &client);
  PubSubClient &setServer(const char *host, uint16_t port);
  PubSubClient &setCallback(std::function<void(char *, uint8_t *, unsigned int)> callback);
  PubSubClient &setKeepAlive(uint16_t seconds);
  PubSubClient &setSocketTimeout(uint16_t seconds);
  boolean setBufferSize(uint16_t size);

  boolean connect(const char *id);
  boolean connect(const char *id, const char *user, const char *password);
  void disconnect();
  boolean publish(const char *topic, const char *payload);
  boolean subscribe(const char *topic, uint8_t qos);
  boolean loop();
  boolean connected();
  int state();

 private:
  struct Message {
    std::string topic, payload;
  };
  boolean lost(int state);
  void useAuthority(const char *pem);
  void drop();

  mosquitto *client_ = nullptr;
  Client *network_ = nullptr;
  std::string host_;
  int port_ = 1883;
  int keepAlive_ = 15;
  unsigned long timeoutMs_ = 15000;
  std::function<void(char *, uint8_t *, unsigned int)> callback_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(256);
  std::vector<Message> arrived_;
  int connack_ = -1;
  int state_ = MQTT_DISCONNECTED;
};
