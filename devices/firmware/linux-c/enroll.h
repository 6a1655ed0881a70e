#ifndef LATCHKEY_ENROLL_H
#define LATCHKEY_ENROLL_H

#include "connection.h"
#include "store.h"

/* What a device that has no secret of its own yet knows. */
typedef struct {
  const char *type;
  const char *serial;         /* 1 to 31 of A-Z a-z 0-9 _ - */
  const char *product_secret; /* as it was printed */
} factory_t;

#define CLAIM_CODE_SIZE 33

/* Asks for a secret of the device's own, as a guest. `claim_code` becomes empty when the device has an owner already. */
outcome_t enroll(const broker_t *broker, const factory_t *factory, credentials_t *credentials,
                 char claim_code[CLAIM_CODE_SIZE]);

#endif
