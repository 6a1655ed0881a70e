#ifndef LATCHKEY_STORE_H
#define LATCHKEY_STORE_H

#include <stdbool.h>

/* Longest device id, and longest secret that this device can keep. */
#define ID_SIZE 65
#define SECRET_SIZE 129

typedef struct {
  char id[ID_SIZE];
  char secret[SECRET_SIZE];
} credentials_t;

typedef enum { STORE_READ, STORE_MISSING, STORE_BROKEN } store_result_t;

/* {"id", "secret"}: what `latchkey device add --json` prints is such a file. One that is no such thing is not to be overwritten: it may
   hold a secret that somebody can still save. */
store_result_t store_load(const char *path, credentials_t *credentials);

/* A place for a file that only its owner may read, made before there is anything to write. -1 with errno when there can be none. */
int store_reserve(const char *path);
/* Writes the file whole or not at all, and closes `place`. */
bool store_save(int place, const char *path, const credentials_t *credentials);
/* Gives the place back unused. */
void store_abandon(int place, const char *path);

/* 1 to 64 of A-Z a-z 0-9 _ . : - */
bool is_device_id(const char *text);

#endif
