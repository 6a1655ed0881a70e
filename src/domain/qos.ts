/** Quality of service (MQTT 3.1.1 section 4.3): at most once, at least once, exactly once. */
export type Qos = 0 | 1 | 2
