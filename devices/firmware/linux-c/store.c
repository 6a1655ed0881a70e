#include "store.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_BYTES 4096
#define PATH_BYTES 4096

bool is_device_id(const char *text) {
  size_t length = strlen(text);
  return length >= 1 && length < ID_SIZE &&
         strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-") == length;
}

static bool copy_text(const cJSON *object, const char *key, char *into, size_t size) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
  return text && *text && snprintf(into, size, "%s", text) < (int)size;
}

store_result_t store_load(const char *path, credentials_t *credentials) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? STORE_MISSING : STORE_BROKEN;
  char text[MOST_BYTES];
  ssize_t length = read(file, text, sizeof text);
  close(file);
  if (length <= 0) return STORE_BROKEN;
  cJSON *stored = cJSON_ParseWithLength(text, (size_t)length);
  bool read_all = copy_text(stored, "id", credentials->id, sizeof credentials->id) && is_device_id(credentials->id) &&
                  copy_text(stored, "secret", credentials->secret, sizeof credentials->secret);
  cJSON_Delete(stored);
  return read_all ? STORE_READ : STORE_BROKEN;
}

static bool draft_of(const char *path, char *draft) {
  if (snprintf(draft, PATH_BYTES, "%s.new", path) < PATH_BYTES) return true;
  errno = ENAMETOOLONG;
  return false;
}

int store_reserve(const char *path) {
  char draft[PATH_BYTES];
  if (!draft_of(path, draft)) return -1;
  unlink(draft);
  return open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static bool sync_folder(const char *path) {
  char copy[PATH_BYTES];
  if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy) return false;
  int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  bool synced = fsync(folder) == 0;
  close(folder);
  return synced;
}

bool store_save(int place, const char *path, const credentials_t *credentials) {
  char draft[PATH_BYTES];
  cJSON *object = cJSON_CreateObject();
  cJSON_AddStringToObject(object, "id", credentials->id);
  cJSON_AddStringToObject(object, "secret", credentials->secret);
  char *text = cJSON_PrintUnformatted(object);
  cJSON_Delete(object);
  ssize_t length = text ? (ssize_t)strlen(text) : -1;
  bool written = text && write(place, text, (size_t)length) == length && fsync(place) == 0;
  cJSON_free(text);
  close(place);
  return written && draft_of(path, draft) && rename(draft, path) == 0 && sync_folder(path);
}

void store_abandon(int place, const char *path) {
  char draft[PATH_BYTES];
  close(place);
  if (draft_of(path, draft)) unlink(draft);
}
