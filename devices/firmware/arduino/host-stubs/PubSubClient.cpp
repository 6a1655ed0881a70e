#include <HostFlash.h>
#include <PubSubClient.h>

static const size_t HEADER_BYTES = 7;

PubSubClient::PubSubClient() { mosquitto_lib_init(); }
PubSubClient::~PubSubClient() { drop(); }

PubSubClient &PubSubClient::setClient(Client &client) {
  network_ = &client;
  return *this;
}
PubSubClient &PubSubClient::setServer(const char *host, uint16_t port) {
  host_ = host;
  port_ = port;
  return *this;
}
PubSubClient &PubSubClient::setCallback(std::function<void(char *, uint8_t *, unsigned int)> callback) {
  callback_ = callback;
  return *this;
}
PubSubClient &PubSubClient::setKeepAlive(uint16_t seconds) {
  keepAlive_ = seconds;
  return *this;
}
PubSubClient &PubSubClient::setSocketTimeout(uint16_t seconds) {
  timeoutMs_ = seconds * 1000UL;
  return *this;
}
boolean PubSubClient::setBufferSize(uint16_t size) {
  buffer_.assign(size, 0);
  return size > 0;
}

void PubSubClient::drop() {
  if (client_) mosquitto_destroy(client_);
  client_ = nullptr;
}

boolean PubSubClient::lost(int state) {
  drop();
  state_ = state;
  return false;
}

// libmosquitto reads authorities from files only, and only when it connects.
void PubSubClient::useAuthority(const char *pem) {
  static const std::string name = flashPath("authority.pem");
  FILE *const file = fopen(name.c_str(), "w");
  if (!file) return;
  fputs(pem, file);
  fclose(file);
  mosquitto_tls_set(client_, name.c_str(), nullptr, nullptr, nullptr, nullptr);
}

boolean PubSubClient::connect(const char *id) { return connect(id, nullptr, nullptr); }

boolean PubSubClient::connect(const char *id, const char *user, const char *password) {
  drop();
  arrived_.clear();
  connack_ = -1;
  client_ = mosquitto_new(id, true, this);
  mosquitto_connect_callback_set(
      client_, [](mosquitto *, void *self, int code) { static_cast<PubSubClient *>(self)->connack_ = code; });
  mosquitto_message_callback_set(client_, [](mosquitto *, void *self, const mosquitto_message *message) {
    const char *const payload = static_cast<const char *>(message->payload);
    static_cast<PubSubClient *>(self)->arrived_.push_back(
        {message->topic, payload ? std::string(payload, static_cast<size_t>(message->payloadlen)) : ""});
  });
  if (user) mosquitto_username_pw_set(client_, user, password);
  const char *const authority = network_->hostAuthority();
  if (authority) useAuthority(authority);
  if (mosquitto_connect(client_, host_.c_str(), port_, keepAlive_) != MOSQ_ERR_SUCCESS) return lost(MQTT_CONNECT_FAILED);
  for (const unsigned long begun = millis(); connack_ < 0;) {
    if (millis() - begun > timeoutMs_) return lost(MQTT_CONNECTION_TIMEOUT);
    if (mosquitto_loop(client_, 50, 1) != MOSQ_ERR_SUCCESS && connack_ < 0) return lost(MQTT_CONNECTION_TIMEOUT);
  }
  if (connack_ != 0) return lost(connack_);
  state_ = MQTT_CONNECTED;
  return true;
}

void PubSubClient::disconnect() {
  if (client_) mosquitto_disconnect(client_);
  lost(MQTT_DISCONNECTED);
}

boolean PubSubClient::publish(const char *topic, const char *payload) {
  const size_t topicLength = strlen(topic), length = strlen(payload);
  if (!connected() || buffer_.size() < HEADER_BYTES + topicLength + length) return false;
  memmove(buffer_.data() + HEADER_BYTES, topic, topicLength);
  memmove(buffer_.data() + HEADER_BYTES + topicLength, payload, length);
  const std::string name(reinterpret_cast<char *>(buffer_.data()) + HEADER_BYTES, topicLength);
  return mosquitto_publish(client_, nullptr, name.c_str(), static_cast<int>(length),
                           buffer_.data() + HEADER_BYTES + topicLength, 0, false) == MOSQ_ERR_SUCCESS;
}

boolean PubSubClient::subscribe(const char *topic, uint8_t qos) {
  return connected() && mosquitto_subscribe(client_, nullptr, topic, qos) == MOSQ_ERR_SUCCESS;
}

boolean PubSubClient::loop() {
  if (!connected()) return false;
  if (mosquitto_loop(client_, 5, 1) != MOSQ_ERR_SUCCESS) return lost(MQTT_CONNECTION_LOST);
  std::vector<Message> messages;
  messages.swap(arrived_);
  for (const Message &message : messages) {
    const size_t length = message.topic.size();
    if (!connected() || buffer_.size() < HEADER_BYTES + 3 + length + message.payload.size()) continue;
    char *const topic = reinterpret_cast<char *>(buffer_.data()) + HEADER_BYTES;
    memcpy(topic, message.topic.c_str(), length + 1);
    uint8_t *const payload = buffer_.data() + HEADER_BYTES + length + 1;
    memcpy(payload, message.payload.data(), message.payload.size());
    callback_(topic, payload, static_cast<unsigned int>(message.payload.size()));
  }
  return connected();
}

boolean PubSubClient::connected() { return client_ != nullptr; }
int PubSubClient::state() { return state_; }
