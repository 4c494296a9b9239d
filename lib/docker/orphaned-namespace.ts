/**
 * A shell function that tells whether the network namespace is orphaned.
 *
 * If the pod holder dies, Docker restarts it with a new namespace. A container that joined the old namespace stays in it: it has
 * the loopback route alone, and no client reaches it. The function uses shell built-ins only. With `grep`, an image without that
 * program would look orphaned.
 */
export const NAMESPACE_ORPHANED_SH = `namespace_orphaned() { # whether no route leads beyond the loopback device
  [ -r /proc/net/route ] || return 1
  while read -r device _; do [ "$device" = Iface ] || return 1; done </proc/net/route
  [ ! -r /proc/net/ipv6_route ] || while read -r route; do case $route in *" lo") ;; *) return 1 ;; esac; done </proc/net/ipv6_route
}`;
