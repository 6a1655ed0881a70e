#pragma once

#include <HostFlash.h>
#include <sys/stat.h>

class Preferences {
 public:
  bool begin(const char *name, bool) {
    name_ = name;
    return true;
  }
  size_t getBytesLength(const char *key) {
    struct stat found;
    return stat(path(key).c_str(), &found) == 0 ? static_cast<size_t>(found.st_size) : 0;
  }
  size_t getBytes(const char *key, void *into, size_t size) { return with(key, "r", [&](FILE *f) { return fread(into, 1, size, f); }); }
  size_t putBytes(const char *key, const void *from, size_t size) {
    return with(key, "w", [&](FILE *f) { return fwrite(from, 1, size, f); });
  }
  bool remove(const char *key) { return ::remove(path(key).c_str()) == 0; }

 private:
  std::string path(const char *key) { return flashPath(name_ + "." + key); }
  template <class Use>
  size_t with(const char *key, const char *mode, Use use) {
    FILE *const file = fopen(path(key).c_str(), mode);
    if (!file) return 0;
    const size_t size = use(file);
    fclose(file);
    return size;
  }
  std::string name_;
};
