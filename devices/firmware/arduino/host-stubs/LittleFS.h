#pragma once

#include <HostFlash.h>

class File {
 public:
  explicit File(FILE *file = nullptr) : file_(file) {}
  explicit operator bool() const { return file_ != nullptr; }
  int read(uint8_t *into, size_t size) { return static_cast<int>(fread(into, 1, size, file_)); }
  size_t write(const uint8_t *from, size_t size) { return fwrite(from, 1, size, file_); }
  void close() { fclose(file_); }

 private:
  FILE *file_;
};

struct HostLittleFS {
  bool begin() { return true; }
  File open(const char *name, const char *mode) { return File(fopen(flashPath(name).c_str(), mode)); }
  bool rename(const char *from, const char *to) { return ::rename(flashPath(from).c_str(), flashPath(to).c_str()) == 0; }
  bool remove(const char *name) { return ::remove(flashPath(name).c_str()) == 0; }
};
static HostLittleFS LittleFS;
