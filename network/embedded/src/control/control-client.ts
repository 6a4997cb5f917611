import { readFile } from 'node:fs/promises';
import { request } from 'node:http';

/** What `control.json` says: where the control interface of a running ledger is, and the word that opens it. */
export interface ControlAddress {
  readonly port: number;
  readonly token: string;
}

export async function readControlFile(file: string): Promise<ControlAddress> {
  return JSON.parse(await readFile(file, 'utf8')) as ControlAddress;
}

/** One request to a ledger's control interface. Rejects with the ledger's message when it refuses. */
export function controlRequest(
  { port, token }: ControlAddress,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const answer: unknown = text === '' ? undefined : JSON.parse(text);
          if (response.statusCode === 200) {
            resolve(answer);
          } else {
            reject(
              new Error(
                (answer as { error?: string } | undefined)?.error ?? `status ${String(response.statusCode)}`,
              ),
            );
          }
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
