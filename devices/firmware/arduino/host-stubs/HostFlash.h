// The flash is the folder HOST_FLASH: one file a name.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <string>

inline std::string flashPath(const std::string &name) {
  const char *const folder = getenv("HOST_FLASH");
  return std::string(folder ? folder : ".") + "/" + name;
}
