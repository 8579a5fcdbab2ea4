// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOSSL

/// How an encrypted connection is made.
package struct TLSOptions: Sendable, Hashable {
    /// How the server's certificate is checked.
    package enum Verification: Sendable, Hashable {
        /// A known authority has signed it, and it names the server.
        case full
        /// Not at all: anybody can pose as the server.
        case none
    }

    /// How the certificate is checked; default ``Verification/full``.
    package var verification = Verification.full
    /// A PEM file of authorities that replaces the system's.
    package var authorityFile: String?
    /// A PEM file with our certificate and its chain, for servers that ask for a client certificate.
    package var certificateFile: String?
    /// The PEM file of its key.
    package var keyFile: String?
    /// The name that the server's certificate must contain if it differs from the URL's host. A certificate that
    /// contains the IP address of the connection is accepted as well.
    package var serverName: String?

    /// Makes options with their defaults.
    package init() {}

    /// The same checks for servers of another kind: without our certificate, and without a name.
    package var forOthers: TLSOptions {
        var options = TLSOptions()
        options.verification = verification
        options.authorityFile = authorityFile
        return options
    }

    /// Checks that the files can be used.
    ///
    /// - Throws: ``RedisError/Code/configuration`` with a message that begins with `tls: `.
    package func validate() throws(RedisError) {
        _ = try makeContext()
    }

    /// Reads the files. This takes some milliseconds, so all connections share the result.
    func makeContext() throws(RedisError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        // A closed connection waits this long for the close message of TLS, which a dead server never sends.
        configuration.shutdownTimeout = .milliseconds(100)
        configuration.certificateVerification = verification == .full ? .fullVerification : .none
        if let authorityFile {
            let authorities = try read(authorityFile) { try NIOSSLCertificate.fromPEMFile(authorityFile) }
            configuration.trustRoots = .certificates(authorities)
        }
        try addCertificate(to: &configuration)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisError(.configuration, "tls: the certificate and the key do not fit together")
        }
    }

    private func addCertificate(to configuration: inout TLSConfiguration) throws(RedisError) {
        switch (certificateFile, keyFile) {
        case (nil, nil): return
        case (let certificateFile?, let keyFile?):
            let chain = try read(certificateFile) { try NIOSSLCertificate.fromPEMFile(certificateFile) }
            configuration.certificateChain = chain.map { .certificate($0) }
            let key = try read(keyFile) { try NIOSSLPrivateKey(file: keyFile, format: .pem) }
            configuration.privateKey = .privateKey(key)
        case (_?, nil), (nil, _?):
            throw RedisError(.configuration, "tls: a client certificate needs both 'certificate' and 'key'")
        }
    }

    private func read<Content>(_ file: String, _ body: () throws -> Content) throws(RedisError) -> Content {
        do {
            return try body()
        } catch {
            throw RedisError(.configuration, "tls: '\(file)' cannot be read as PEM")
        }
    }
}
