#ifndef LATCHKEY_OUTCOME_H
#define LATCHKEY_OUTCOME_H

/* How a step ended. */
typedef enum {
  DONE,
  LOST,        /* the connection was lost, or could not be made: try again, with backoff */
  NOT_ALLOWED, /* CONNACK 1, 2, 4 or 5, or 128 for a subscription: only a person can change that */
  NOT_ENROLLED /* device/enroll was answered with a code that is not 0 */
} result_t;

typedef struct {
  result_t result;
  int code;             /* NOT_ALLOWED, NOT_ENROLLED: the broker's */
  double retry_seconds; /* NOT_ENROLLED with 4029: what the broker asks for */
  char why[256];
} outcome_t;

/* printf into `why`. */
outcome_t outcome(result_t result, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
