export const serverUrl = 'wss://mqtt.example.com/mqtt'
