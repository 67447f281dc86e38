import { describe, expect, it } from 'vitest';
import { projectOntoClusters } from './projection.js';

const codebook = { centroids: Float32Array.of(-1, 0, 7), assignments: Uint8Array.of(0, 1, 0, 1, 1) };

describe('projection onto clusters', () => {
  it("replaces each cluster's weights by their mean, in place", () => {
    const weights = Float32Array.of(-2, 1, -4, 2, 3);
    const { centroids, assignments } = projectOntoClusters(weights, codebook);
    expect(Array.from(weights)).toEqual([-3, 2, -3, 2, 2]);
    expect(Array.from(centroids)).toEqual([-3, 2, 7]);
    expect(assignments).toBe(codebook.assignments);
  });

  it('keeps the centroid of a cluster without members, never NaN', () => {
    expect(projectOntoClusters(new Float32Array(5), codebook).centroids[2]).toBe(7);
  });

  it('can write elsewhere', () => {
    const weights = Float32Array.of(-2, 1, -4, 2, 3);
    const out = new Float32Array(5);
    projectOntoClusters(weights, codebook, out);
    expect(weights[0]).toBe(-2);
    expect(out[0]).toBe(-3);
  });

  it('changes nothing the second time', () => {
    const weights = Float32Array.of(-2, 1, -4, 2, 3);
    projectOntoClusters(weights, codebook);
    const once = weights.slice();
    projectOntoClusters(weights, codebook);
    expect(weights).toEqual(once);
  });
});
