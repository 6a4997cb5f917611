import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failed, ok, reasonOf, warning, type Finding } from '../../doctor/finding.js';
import { isOpenToOthers } from '../private-file.js';
import { configPath, readConfig, type Config } from './config-file.js';
import { withPaths } from './settings.js';

/** What is wrong with the configuration file, in the form of `vitaledger doctor`; nothing where there is none. */
export async function examineConfig(file = configPath()): Promise<readonly Finding[]> {
  let config: Config;
  try {
    config = await readConfig(file);
  } catch (error) {
    return [failed('configuration', reasonOf(error))];
  }
  const names = Object.keys(config.contexts);
  if (names.length === 0) return [];
  const { current } = config;
  if (current !== undefined && !names.includes(current)) {
    return [
      failed(
        'configuration',
        `${file} uses "${current}", which it has not: vitaledger config use ${names.join('|')}`,
      ),
    ];
  }
  if (await isOpenToOthers(file)) {
    return [warning('configuration', `Others may read ${file}, and whom you act for: chmod 600`)];
  }
  const lost = await missingFiles(config, dirname(file));
  return lost.length > 0
    ? lost.map((text) => warning('configuration', text))
    : [
        ok(
          'configuration',
          `${file}: ${names.join(', ')}${current === undefined ? '' : `; ${current} is used`}`,
        ),
      ];
}

async function missingFiles({ contexts }: Config, folder: string): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const [name, context] of Object.entries(contexts)) {
    const { profile, identity } = withPaths(context, folder);
    for (const path of [profile, identity]) {
      if (path === undefined) continue;
      const isThere = await access(path).then(
        () => true,
        () => false,
      );
      if (!isThere)
        lost.push(`context ${name} names ${path}, which is not there: vitaledger config set ${name}`);
    }
  }
  return lost;
}
