/** Where the broker is: the host that served the page. */
export const brokerUrl = ({ protocol, host }: Pick<Location, 'protocol' | 'host'>): string =>
  `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/mqtt`
