/**
 * What is known of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): 28 x 28 grey images, 60,000 for training and 10,000
 * for test. Mean and standard deviation are of the 60,000, as published code uses them.
 */
export const FASHION_MNIST = {
  name: 'fashion-mnist',
  classes: 10,
  classNames: [
    'T-shirt/top',
    'trouser',
    'pullover',
    'dress',
    'coat',
    'sandal',
    'shirt',
    'sneaker',
    'bag',
    'ankle boot',
  ],
  mean: [0.286],
  std: [0.353],
  /** Of the 60,000; 55,000 are left for training. */
  validationSamples: 5000,
} as const;
