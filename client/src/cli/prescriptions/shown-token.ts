import type { Command } from 'commander';
import { writePrivate } from './token-files.js';

/** In which forms a token is wanted. */
export interface TokenForms {
  readonly output?: string;
  readonly qr?: true;
  readonly svg?: string;
}

/** Adds `--output`, `--qr` and `--svg`. */
export function withTokenForms(command: Command): Command {
  return command
    .option('-o, --output <file>', 'write the text to a new file that only you may read')
    .option('--qr', 'as a QR code too, in the terminal')
    .option('--svg <file>', 'as a QR code in a new file, to print');
}

/** Shows a token in the forms that were asked for. */
export async function showToken(token: string, { output, qr, svg }: TokenForms): Promise<void> {
  if (output === undefined) process.stdout.write(`${token}\n`);
  else await writePrivate(output, token);
  if (qr) process.stdout.write(`${await terminalCode(token, process.stdout.isTTY)}\n`);
  if (svg !== undefined) await writePrivate(svg, await drawing(token));
}

/** What scanners want to be white around a code, in modules. */
const border = 4;

/**
 * A QR code in block characters, two modules to each, drawn as what is light: the background is what is dark.
 *
 * @param coloured says white and black explicitly, whatever the terminal's own colours are
 */
export async function terminalCode(text: string, coloured: boolean): Promise<string> {
  const { renderUnicodeCompact } = await import('uqr');
  const lines = renderUnicodeCompact(text, { border }).split('\n');
  return lines.map((line) => (coloured ? `\u001b[97;40m${line}\u001b[0m` : line)).join('\n');
}

async function drawing(text: string): Promise<string> {
  const { renderSVG } = await import('uqr');
  return renderSVG(text, { border, ecc: 'M' });
}
