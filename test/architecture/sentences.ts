/** A sentence of a Markdown text, with code and link texts as a reader sees them. */
export interface Sentence {
  text: string;
  words: number;
}

/**
 * The sentences of a Markdown text without its blocks of code. Each heading, item of a list and cell of a table begins
 * a sentence.
 */
export function sentencesOf(markdown: string): Sentence[] {
  return blocksOf(markdown)
    .flatMap((block) => block.split(/(?<=[.!?][)*"”]*)\s+/))
    .map((text) => ({ text, words: text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length }))
    .filter(({ words }) => words > 0);
}

function blocksOf(markdown: string): string[] {
  const paragraphs = markdown.replaceAll(/^```[^\n]*\n[\s\S]*?^```$/gm, '\n').split(/\n\s*\n/);
  return (
    paragraphs
      .filter((paragraph) => !paragraph.split('\n').every((line) => /^ {4}|^$/.test(line)))
      .map((paragraph) =>
        paragraph
          .replaceAll(/\]\([^)]*\)/g, ']')
          // Text between backticks counts as one word.
          .replaceAll(/`[^`]+`/g, (code) => code.replaceAll(/\s+/g, '_').replaceAll('|', '_')),
      )
      .flatMap((paragraph) => paragraph.split(/\n(?=\s*(?:[-*] |\d+\. |\||#))/))
      // A table's row splits at its cells, and a row of links at its dots.
      .flatMap((block) => block.split(block.trimStart().startsWith('|') ? '|' : ' · '))
      .map((block) => block.replaceAll(/\s+/g, ' ').trim())
  );
}
