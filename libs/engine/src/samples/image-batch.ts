/** A batch as a network's graph takes it: padded bytes (NHWC) and class numbers. */
export type ImageBatch = { readonly images: Uint8Array; readonly labels: Int32Array };
