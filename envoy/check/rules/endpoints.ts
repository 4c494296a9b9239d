import { error, getField, getItems, hasField } from '../message-reader';
import type { Rule } from '../rule';
import { discoveryType } from './endpoint-discovery';

/** What each way of finding endpoints needs. */
export const clusterEndpoints: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const assignment = getField(cluster, 'load_assignment');
    switch (discoveryType(cluster)) {
      case 'LOGICAL_DNS': {
        const localities = getItems(assignment, 'endpoints');
        const [locality] = localities;
        return localities.length === 1 && locality !== undefined && getItems(locality, 'lb_endpoints').length === 1
          ? []
          : [
              error(
                'cluster-endpoints',
                cluster,
                'takes all addresses for one endpoint, and has to name one and no more; name one, or use STRICT_DNS',
              ),
            ];
      }
      case 'ORIGINAL_DST':
        return hasField(cluster, 'load_assignment')
          ? [error('cluster-endpoints', assignment, 'is of no use to an ORIGINAL_DST cluster; remove it')]
          : [];
      case 'EDS':
        return hasField(getField(cluster, 'eds_cluster_config'), 'eds_config')
          ? []
          : [error('cluster-endpoints', cluster, 'is an EDS cluster; set eds_cluster_config.eds_config')];
      default:
        return [];
    }
  });

/** Envoy drops requests of one category. */
export const dropOverloads: Rule = (messages) =>
  messages('envoy.config.endpoint.v3.ClusterLoadAssignment.Policy').flatMap((policy) =>
    getItems(policy, 'drop_overloads')
      .slice(1)
      .map((drop) => error('drop-overload', drop, 'is a second category, and Envoy takes one; remove it')),
  );

/** Nothing looks up the address of an endpoint in a STATIC cluster. */
export const endpointAddress: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const type = getField(cluster, 'type').value;
    return hasField(cluster, 'cluster_type') || (type !== undefined && type !== 'STATIC')
      ? []
      : getItems(getField(cluster, 'load_assignment'), 'endpoints')
          .flatMap((locality) => getItems(locality, 'lb_endpoints'))
          .filter(
            (endpoint) => !hasField(endpoint, 'endpoint_name') && !hasField(getField(endpoint, 'endpoint'), 'address'),
          )
          .map((endpoint) => error('endpoint-address', endpoint, 'is nowhere; set endpoint.address'));
  });
