module.exports = { testEnvironment: "fake-dropbox/jest/environment", setupFilesAfterEnv: ["fake-dropbox/jest"] };
