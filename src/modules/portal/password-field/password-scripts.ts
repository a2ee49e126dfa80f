import { readFileSync } from 'node:fs';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { MIN_PASSWORD_LENGTH } from '../../accounts/accounts.contract.js';
import { assetOf, readAsset } from '../assets.js';

/** With these and the library, a page stays below 100 KB compressed. */
const MOST_COMMON = 3000;

const LIBRARY = readFileSync(new URL(import.meta.resolve('@zxcvbn-ts/core/dist/zxcvbn-ts.js')), 'utf8').replace(
  /^\/\/# sourceMappingURL=.*$/m,
  '',
);
/** The most common passwords, and every common one that is long enough, because the product refuses those. */
const COMMON = dictionary['passwords-common'].filter(
  (password, rank) => rank < MOST_COMMON || password.length >= MIN_PASSWORD_LENGTH,
);
const { qwerty, qwertz } = adjacencyGraphs;

/** The script of every password field. */
export const PASSWORD_ELEMENT = readAsset(new URL('password-element.js', import.meta.url));

/**
 * Rates passwords in the browser, so that nobody sends one to have it rated. Pages load it once a person enters a field
 * for a new password. The library is a classic script, so it runs in a function.
 */
export const PASSWORD_STRENGTH = assetOf(`const scope = {};
(function () {
${LIBRARY}
}).call(scope);
const words = (text) => text.split(' ');
const zxcvbn = new scope.zxcvbnts.core.ZxcvbnFactory({
  dictionary: {
    'passwords-common': words(${JSON.stringify(COMMON.join(' '))}),
    diceware: words(${JSON.stringify(dictionary['diceware-common'].join(' '))}),
  },
  graphs: ${JSON.stringify({ qwerty, qwertz })},
});
/** 0 to 4. @param easyWords words that are easy to guess here */
export const scoreOf = (password, easyWords) => zxcvbn.check(password, easyWords).score;
`);
