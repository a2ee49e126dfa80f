import { addressesIn } from '../../invitations/invitations.contract.js';

/** What separates typed addresses. Spaces do as well, where each word is an address. */
const BETWEEN = /[,;\n\t]/;

interface TypedAddress {
  /** Without a name and brackets. */
  email: string;
  isAddress: boolean;
}

/** The addresses that a person typed or pasted, in their order. A text that is no address stays, so that nothing is lost. */
export function typedAddresses(text: string): TypedAddress[] {
  return text.split(BETWEEN).flatMap((piece) => {
    if (piece.trim() === '') return [];
    const found = [...addressesIn(piece)].map(({ email, address }) => ({ email, isAddress: address !== null }));
    return found.some(({ isAddress }) => isAddress) ? found : [{ email: piece.trim(), isAddress: false }];
  });
}
