/* A lamp: the device type devices/types/lamp.json. Replace `show` by what your hardware does. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "device.h"

#define BLINK_SECONDS 0.4
#define PRODUCT_SECRET_SIZE 256

typedef struct {
  bool on;
  int brightness;
  int color_temperature;
} lamp_t;

static lamp_t lamp = {false, 80, 4000};
static int toggles_left = 0;
static double next_toggle = 0;

/* Here an LED would be driven. */
static void show(void) {
  printf("lamp %s at %d %%, %d K\n", lamp.on ? "on" : "off", lamp.brightness, lamp.color_temperature);
}

static bool is_whole(const cJSON *value, int low, int high) {
  return cJSON_IsNumber(value) && value->valuedouble >= low && value->valuedouble <= high &&
         value->valuedouble == (double)value->valueint;
}

/* Why this property cannot be set in `next`, or NULL when it was. */
static const char *set_one(lamp_t *next, const cJSON *wanted) {
  if (strcmp(wanted->string, "on") == 0) {
    if (!cJSON_IsBool(wanted)) return "on: must be true or false";
    next->on = cJSON_IsTrue(wanted);
  } else if (strcmp(wanted->string, "brightness") == 0) {
    if (!is_whole(wanted, 0, 100)) return "brightness: must be a whole number from 0 to 100";
    next->brightness = wanted->valueint;
  } else if (strcmp(wanted->string, "colorTemperature") == 0) {
    if (!is_whole(wanted, 2700, 6500) || wanted->valueint % 100) return "colorTemperature: must be hundreds from 2700 to 6500";
    next->color_temperature = wanted->valueint;
  } else {
    return "a lamp has no such property";
  }
  return NULL;
}

static const char *set(device_t *device, const cJSON *wanted) {
  (void)device;
  lamp_t next = lamp;
  const cJSON *property;
  cJSON_ArrayForEach(property, wanted) {
    const char *problem = set_one(&next, property);
    if (problem) return problem;
  }
  if (cJSON_GetObjectItemCaseSensitive(wanted, "on")) toggles_left = 0;
  lamp = next;
  show();
  return NULL;
}

static const char *invoke(device_t *device, const char *action, const cJSON *input) {
  (void)device;
  const cJSON *times = cJSON_GetObjectItemCaseSensitive(input, "times");
  if (strcmp(action, "blink") != 0) return "a lamp has no such action";
  if (times && !is_whole(times, 1, 20)) return "times: must be a whole number from 1 to 20";
  /* From the state before the blinking under way, so that the lamp ends as it was. */
  toggles_left = 2 * (times ? times->valueint : 3) + toggles_left % 2;
  next_toggle = seconds_now();
  return NULL;
}

static cJSON *state(void) {
  cJSON *whole = cJSON_CreateObject();
  cJSON_AddBoolToObject(whole, "on", lamp.on);
  cJSON_AddNumberToObject(whole, "brightness", lamp.brightness);
  cJSON_AddNumberToObject(whole, "colorTemperature", lamp.color_temperature);
  return whole;
}

static void tick(device_t *device) {
  if (toggles_left == 0 || seconds_now() < next_toggle) return;
  toggles_left--;
  next_toggle += BLINK_SECONDS;
  lamp.on = !lamp.on;
  cJSON *changes = cJSON_CreateObject();
  cJSON_AddBoolToObject(changes, "on", lamp.on);
  device_report(device, changes);
  show();
}

static void stop(int signal_number) {
  (void)signal_number;
  device_stop();
}

/* Here a button that is held would be read; on Linux: kill -USR1. */
static void offer(int signal_number) {
  (void)signal_number;
  device_offer();
}

/* The first line of the file, without its end. */
static void read_secret(const char *path, char secret[PRODUCT_SECRET_SIZE]) {
  FILE *file = fopen(path, "r");
  if (!file || !fgets(secret, PRODUCT_SECRET_SIZE, file)) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  fclose(file);
  secret[strcspn(secret, " \r\n")] = '\0';
}

static void usage(void) {
  fputs("usage: lamp [--host HOST] [--port PORT] [--tls | --ca FILE] [--store FILE] [--serial SERIAL --product-secret FILE]\n"
        "  --tls   TLS, checked against the system's authorities; --ca FILE: against this one (PEM)\n"
        "  --store keeps device id and secret (lamp.json); without it the device enrolls by its serial\n",
        stderr);
  exit(2);
}

static const struct option options[] = {{"host", required_argument, NULL, 'h'},   {"port", required_argument, NULL, 'p'},
                                        {"tls", no_argument, NULL, 't'},          {"ca", required_argument, NULL, 'c'},
                                        {"store", required_argument, NULL, 's'},  {"serial", required_argument, NULL, 'n'},
                                        {"product-secret", required_argument, NULL, 'k'}, {NULL, 0, NULL, 0}};

int main(int argc, char **argv) {
  static char secret[PRODUCT_SECRET_SIZE];
  static factory_t factory = {.type = "lamp", .product_secret = secret};
  device_t device = {.broker = {.host = "127.0.0.1"}, .store = "lamp.json", .behaviour = {.set = set, .invoke = invoke, .state = state, .tick = tick}};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 'h': device.broker.host = optarg; break;
    case 'p': device.broker.port = atoi(optarg); break;
    case 't': device.broker.tls = true; break;
    case 'c': device.broker.ca = optarg; break;
    case 's': device.store = optarg; break;
    case 'n': factory.serial = optarg; break;
    case 'k': read_secret(optarg, secret); break;
    default: usage();
    }
  }
  bool enrolls = factory.serial || *secret;
  if (optind < argc || (enrolls && (!factory.serial || !*secret)) || (factory.serial && strlen(factory.serial) > 31)) usage();
  if (enrolls) device.factory = &factory;
  if (device.broker.port == 0) device.broker.port = device.broker.tls || device.broker.ca ? 8883 : 1883;

  unsigned int seed = 0;
  if (getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed) srandom(seed);
  setvbuf(stdout, NULL, _IOLBF, 0);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, stop);
  signal(SIGINT, stop);
  signal(SIGUSR1, offer);
  mosquitto_lib_init();
  int code = device_run(&device);
  mosquitto_lib_cleanup();
  return code;
}
