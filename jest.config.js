const project = (name, folders) => ({
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/__tests__/${folder}/**/*.test.ts`),
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
});

module.exports = {
  // Live and deploy tests share ports, a Docker engine and two cores.
  maxWorkers: 1,
  projects: [
    {
      ...project('unit', ['envoy', 'lib', 'cli', 'package']),
      setupFilesAfterEnv: ['<rootDir>/__tests__/setup-cdktf.js'],
    },
    {
      ...project('cdktn', ['lib']),
      setupFilesAfterEnv: ['<rootDir>/__tests__/setup-cdktf.js'],
      // The toolkit's living fork, in its place for us and for the bindings alike: its classes must come from one copy.
      moduleNameMapper: { '^cdktf$': 'cdktn', '^cdktf/(.*)$': 'cdktn/$1' },
    },
    project('tarball', ['tarball']),
    project('terraform', ['terraform']),
    project('live', ['live']),
    project('agreement', ['agreement']),
    project('deploy', ['deploy']),
  ],
};
