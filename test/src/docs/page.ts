import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One thing that a reader of a page does, in the order of the page. */
export type Step =
  | { readonly kind: 'run'; readonly commands: string; readonly shown?: string }
  | { readonly kind: 'save'; readonly file: string; readonly content: string };

/**
 * The steps of a page of docs/: commands in `sh` blocks, with the `text` block after them that they print, and files in other
 * blocks, saved under the name in the sentence before ("save this as `name`").
 */
export function stepsOf(page: string): readonly Step[] {
  const text = readFileSync(join(__dirname, '../../../docs', page), 'utf8');
  const steps: Step[] = [];
  for (const { 1: before = '', 2: language = '', 3: content = '' } of text.matchAll(
    /([^\n]*)\n?\n```(\w+)\n(.*?)```/gsu,
  )) {
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ kind: 'run', commands: content });
    else if (language === 'text' && last?.kind === 'run') steps.splice(-1, 1, { ...last, shown: content });
    else steps.push({ kind: 'save', file: fileOf(before), content });
  }
  return steps;
}

function fileOf(sentence: string): string {
  const file = /save this as `([\w.-]+)`/iu.exec(sentence)?.[1];
  if (file === undefined) throw new Error(`The page does not say where to save what follows: ${sentence}`);
  return file;
}
