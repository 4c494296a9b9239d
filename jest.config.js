const project = (name, folders) => ({
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/__tests__/${folder}/**/*.test.ts`),
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { decoratorVersion: '2022-03' },
        },
      },
    ],
  },
});

module.exports = {
  // Each worker has ports of its own, and each deployed stack. More at once than two cores would be slow and late.
  maxWorkers: 2,
  projects: [
    {
      ...project('unit', ['envoy', 'lib', 'cli', 'package']),
      setupFilesAfterEnv: ['<rootDir>/__tests__/setup-cdktf.js'],
    },
    {
      ...project('cdktn', ['lib']),
      setupFilesAfterEnv: ['<rootDir>/__tests__/setup-cdktf.js'],
      // The packages of cdktn in place of those of cdktf, as in the entry `cdktf-envoy-sidecar/cdktn`.
      moduleNameMapper: { '^(@?)cdktf(/.*)?$': '$1cdktn$2' },
    },
    {
      ...project('tarball', ['tarball']),
      globalSetup: '<rootDir>/__tests__/tarball/pack.ts',
      globalTeardown: '<rootDir>/__tests__/tarball/remove-packed.ts',
    },
    project('terraform', ['terraform']),
    project('live', ['live']),
    project('agreement', ['agreement']),
    project('deploy', ['deploy']),
    // Restarts the Docker Engine: nothing of Docker's may run beside it.
    project('engine', ['engine']),
  ],
};
