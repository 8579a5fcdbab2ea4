// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Servers that encrypt.
extension RedisServer {
    /// Runs `body` with a server that speaks TLS on its port. Its certificate for these names is valid for `days`.
    ///
    /// In its folder are the certificates of its authority (`ca.pem`), its own, and that of a client (`client.pem`,
    /// `client.key`).
    package static func withTLS<Result>(
        names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 30, demandsCertificate: Bool = false,
        _ body: (RedisServer) async throws -> Result
    ) async throws -> Result {
        try await with(
            arguments: { port, folder in
                try await makeCertificates(in: folder, names: names, days: days)
                return [
                    "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", folder + "/server.pem",
                    "--tls-key-file", folder + "/server.key", "--tls-ca-cert-file", folder + "/ca.pem",
                    "--tls-auth-clients", demandsCertificate ? "yes" : "no",
                ]
            }, body)
    }

    /// Makes an authority, a certificate of a server and one of a client, all signed by the authority.
    static func makeCertificates(
        in folder: String, names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 30
    ) async throws {
        let script = """
            cd "$0"
            new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            openssl req -x509 $new -days 30 -subj /CN=authority -keyout ca.key -out ca.pem
            for who in server client; do
              openssl req $new -subj /CN=$who -keyout $who.key -out $who.csr
              printf "subjectAltName=$2" > $who.ext
              openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days $1 -extfile $who.ext -out $who.pem
            done
            """
        try await runProgram("sh", ["-ec", script, folder, "\(days)", names])
    }
}
