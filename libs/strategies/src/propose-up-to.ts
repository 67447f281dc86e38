import type { Proposal } from '@bitwright/core';

/** So many proposals, one after the other; fewer where `next` has no more. */
export async function proposeUpTo(
  count: number,
  next: () => Promise<Proposal | undefined>,
): Promise<readonly Proposal[]> {
  const proposals: Proposal[] = [];
  while (proposals.length < count) {
    const proposal = await next();
    if (proposal === undefined) break;
    proposals.push(proposal);
  }
  return proposals;
}
