import { stringify } from 'yaml';

/**
 * Text that Envoy's YAML 1.1 reader understands as meant: `on`, `off`, `yes`, `no` and the like are quoted (it would
 * take them for booleans), long lines are not folded, and nothing is abbreviated by anchors.
 */
export function toYaml(value: object): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
