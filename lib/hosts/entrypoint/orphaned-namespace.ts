/**
 * A shell function that tells whether the network namespace is a dead one.
 *
 * When a pod holder dies and comes back, it has a new namespace. Whoever joined the old one is left in it with no route
 * but the loopback's, reached by nobody but itself. Written with nothing but what every shell has built in: an image
 * without `grep` must not look like a lost one.
 */
export const NAMESPACE_ORPHANED_SH = `lost() { # whether no route leads anywhere but to the loopback; with nothing but what each shell has
  [ -r /proc/net/route ] || return 1
  while read -r device _; do [ "$device" = Iface ] || return 1; done </proc/net/route
  [ ! -r /proc/net/ipv6_route ] || while read -r route; do case $route in *" lo") ;; *) return 1 ;; esac; done </proc/net/ipv6_route
}`;
