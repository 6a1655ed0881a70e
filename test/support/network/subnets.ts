/** An address in the nth /64 of the /48 `2001:db8:1::/48`; those below 256 share a /56. */
export const inSubnet = (n: number): string => `2001:db8:1:${n.toString(16)}::1`

/** All 256 that one /56 has. */
export const ofOne56 = Array.from({ length: 256 }, (_, n) => inSubnet(n))

/** One of each /56 that one /48 has. */
export const ofOne48 = Array.from({ length: 256 }, (_, n) => inSubnet(n * 256))
