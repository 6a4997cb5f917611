import assert from 'node:assert/strict';
import { bytes, columns, counted, duration, listed, short, wrap } from './layout.js';
import { Narrator } from './narrator.js';

/** Collects what is written; on a terminal, what remains after lines were drawn over. */
class Page {
  text = '';
  constructor(readonly isTerminal = false) {}
  write(text: string): void {
    this.text += text;
  }
  get lines(): string[] {
    return this.text.split('\n');
  }
}

describe('Narrator', () => {
  const teller = (page: Page, color = false): { narrator: Narrator; pass: (ms: number) => void } => {
    let now = 0;
    const narrator = new Narrator(page, { color, now: () => now });
    return { narrator, pass: (ms) => (now += ms) };
  };

  it('numbers the scenes and draws them as wide as the page', () => {
    const page = new Page();
    const { narrator } = teller(page);
    narrator.scene('One');
    narrator.scene('Two');
    assert.match(page.lines[1] ?? '', /^━━ 1\. One ━+$/);
    assert.match(page.lines[3] ?? '', /^━━ 2\. Two ━+$/);
    assert.equal(page.lines[3]?.length, 100);
  });

  it('says what a party does when it is done, with the time that it took', async () => {
    const page = new Page();
    const { narrator, pass } = teller(page);
    const result = await narrator.does(
      'Hospital',
      (count: number) => `registers ${count} records`,
      () => {
        pass(1234);
        return Promise.resolve(3);
      },
    );
    assert.equal(result, 3);
    assert.match(page.text, /^ {2}Hospital +registers 3 records +1\.23 s\n$/);
    assert.equal(page.lines[0]?.length, 100);
  });

  it('draws on a terminal what is going on, and leaves nothing of it', async () => {
    const page = new Page(true);
    const { narrator } = teller(page);
    await narrator.does(
      'Hospital',
      () => 'has it',
      (report) => {
        report('stores 1 of 2');
        report('stores 2 of 2');
        return Promise.resolve();
      },
    );
    assert.ok(page.text.includes('stores 2 of 2 …'));
    const last = page.text.split('\r\u001b[2K').at(-1) ?? '';
    assert.match(last, /^ {2}Hospital +has it +0 ms\n$/);
  });

  it('passes a failure on, and says nothing of having done it', async () => {
    const page = new Page();
    const { narrator } = teller(page);
    const failure = new Error('no');
    await assert.rejects(
      narrator.does('Hospital', 'registers', () => Promise.reject(failure)),
      failure,
    );
    assert.equal(page.text, '');
  });

  it('keeps every line within its columns, however long the text', async () => {
    const page = new Page();
    const { narrator } = teller(page);
    const long = 'word '.repeat(60).trim();
    narrator.tell(long);
    narrator.remark(long);
    narrator.sees('Patient’s device', long, long);
    narrator.refused('Hospital', long);
    narrator.quote('a receipt', [['asked by', long]]);
    narrator.table([['a', 'b', long]], { head: ['one', 'two', 'three'] });
    narrator.progress(0, long);
    await narrator.does('Hospital', long, () => Promise.resolve());
    assert.deepEqual(
      page.lines.filter((line) => line.length > 100),
      [],
    );
    assert.equal(page.text.match(/word/g)?.length, 60 * 9);
  });

  it('colors only when it is told to', () => {
    const [plain, colored] = [new Page(), new Page()];
    teller(plain).narrator.refused('Clinic', 'DENIED');
    teller(colored, true).narrator.refused('Clinic', 'DENIED');
    assert.ok(!plain.text.includes('\u001b'));
    assert.ok(colored.text.includes('\u001b[31m✗\u001b[0m'));
    // eslint-disable-next-line no-control-regex -- escape sequences begin with this character
    assert.equal(colored.text.replace(/\u001b\[[\d;]*m/g, ''), plain.text);
  });
});

describe('the layout of the story', () => {
  it('wraps at spaces and keeps what is too long whole', () => {
    assert.deepEqual(wrap('aa bb cc', 5), ['aa bb', 'cc']);
    assert.deepEqual(wrap('a verylongword b', 4), ['a', 'verylongword', 'b']);
    assert.deepEqual(wrap('one\ntwo', 10), ['one', 'two']);
    assert.deepEqual(wrap('', 10), ['']);
  });

  it('aligns columns, and wraps the last one under itself', () => {
    assert.deepEqual(
      columns(
        [
          ['a', 'b'],
          ['long', 'x y'],
        ],
        40,
      ),
      ['a     b', 'long  x y'],
    );
    assert.deepEqual(columns([['k', 'aaaa bbbb cccc dddd eeee']], 23), ['k  aaaa bbbb cccc dddd', '   eeee']);
  });

  it('says durations, sizes and counts as people do', () => {
    assert.deepEqual([0.4, 412.4, 1240, 12_340, 132_000].map(duration), [
      '0 ms',
      '412 ms',
      '1.24 s',
      '12.3 s',
      '2 min 12 s',
    ]);
    assert.deepEqual([1, 999, 4100, 41_000, 3_100_000].map(bytes), [
      '1 byte',
      '999 bytes',
      '4.1 KB',
      '41 KB',
      '3.1 MB',
    ]);
    assert.deepEqual([counted(1, 'record'), counted(1210, 'record')], ['1 record', '1,210 records']);
    assert.deepEqual([listed([]), listed(['a']), listed(['a', 'b', 'c'])], ['', 'a', 'a, b and c']);
    assert.deepEqual([short('0123456789abcdef'), short('012345678')], ['01234567…', '012345678']);
  });
});
