export * as envoy from '../envoy';
export type { ApiFile } from './api-files';
export { ApiService, type ApiServiceProps } from './api-service';
export { DockerNetwork, type DockerNetworkProps, type IDockerNetwork } from './docker-network';
export { EnvoySidecar, type EnvoySidecarProps } from './envoy-sidecar';
export type { Rollout } from './generation';
export type { PublishOptions } from './publish';
export type { IUpstream } from './upstream';
export type { VolumeMount } from './volumes';
