import SchemaFiles

/// The SQL of one institution's schema, with its placeholders filled in.
struct InstitutionFiles: Sendable {
    /// Numbered changes, oldest first.
    let steps: [SchemaFiles.File]
    /// What the first of them stand for.
    let replaced: ReplacedChanges
    /// SHA-256 over all definitions: the ledger's row `definitions` says which text an institution has.
    let definitionsChecksum: String
    private let templates: [String: SQLTemplate]
    private let roles: SQLTemplate
    private let reporter: SQLTemplate
    private let drop: SQLTemplate
    private let revoke: SQLTemplate
    private let definitions: SQLTemplate

    init() throws {
        steps = try SchemaFiles.files(in: "institution").filter { $0.name.first?.isNumber == true }
        replaced = try ReplacedChanges(steps: steps)
        templates = steps.reduce(into: [:]) { $0[$1.name] = SQLTemplate($1.text) }
        roles = SQLTemplate(try SchemaFiles.file("institution/roles.sql").text)
        reporter = SQLTemplate(try SchemaFiles.file("institution/reporter.sql").text)
        revoke = SQLTemplate(try SchemaFiles.file("institution/revoke.sql").text)
        drop = SQLTemplate(try SchemaFiles.file("institution/drop.sql").text)
        let text = try SchemaFiles.files(in: "institution/definitions").map(\.text).joined(separator: "\n")
        definitions = SQLTemplate(text)
        definitionsChecksum = SchemaFiles.File.checksum(of: text)
    }

    /// One change, in one short transaction with its ledger row first, so that racing migrators collide there.
    func script(_ step: SchemaFiles.File, for institution: Institution) -> String {
        """
        begin;
        \(preamble(institution))
        \(ledger(institution, step))
        \(change(step, of: institution))
        commit;
        """
    }

    /// Takes over an institution that has had all changes that were replaced: the ledger alone, and nothing is run.
    func takingOver(_ institution: Institution) -> String {
        """
        begin;
        \(preamble(institution))
        delete from waymark.institution_changes where institution_id = \(institution.id)
            and version in (\(replaced.old.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")));
        \(steps.filter { replaced.new[$0.name] != nil }.map { ledger(institution, $0) }.joined(separator: "\n"))
        commit;
        """
    }

    /// Views, functions and policies, whole, in one transaction, in place of those that are there.
    /// - Parameter granted: the relations on which somebody has rights, as SQL.
    func definitionsScript(for institution: Institution, granted: [String]) -> String {
        """
        begin;
        \(preamble(institution))
        \(granted.isEmpty ? "" : revoke.filled(for: institution, granted: granted.joined(separator: ", ")))
        \(definitionsBody(institution))
        commit;
        """
    }

    /// Everything a new institution needs, in one transaction: roles, schema, tables, definitions, ledger.
    /// - Parameters:
    ///   - seat: its place in the partition, from 1.
    ///   - settings: SQL that fills the institution's settings row.
    func creation(of institution: Institution, seat: Int, settings: String) -> String {
        """
        begin;
        \(beginning(of: institution, seat: seat))
        \(changes(steps, of: institution))
        \(definitionsBody(institution))
        \(settings)
        commit;
        """
    }

    /// Roles, the directory's row, and an empty schema, to which everything that follows in the transaction belongs.
    func beginning(of institution: Institution, seat: Int) -> String {
        """
        \(roles.filled(for: institution))
        set local role waymark_owner;
        insert into waymark.institutions (id, slug, partition, seat, state)
            values (\(institution.id), '\(institution.slug)', \(institution.partition), \(seat), '\(institution.state)');
        set local search_path = \(institution.schema), pg_temp;
        """
    }

    /// Changes within a transaction, each with its ledger row.
    func changes(_ steps: [SchemaFiles.File], of institution: Institution) -> String {
        steps.map { "\(ledger(institution, $0))\n\(change($0, of: institution))" }.joined(separator: "\n")
    }

    /// Lets the institution's reporter sign in, by a password of which this is the verifier.
    func reporterLogin(of institution: Institution, verifier: String) -> String {
        """
        begin;
        \(reporter.filled(for: institution))
        alter role \(institution.reporter) password '\(verifier)';
        commit;
        """
    }

    /// Removes the schema, the roles and the directory's row.
    func removal(of institution: Institution) -> String {
        "begin;\n\(drop.filled(for: institution))\ncommit;"
    }

    /// Views, functions and policies within a transaction, with their ledger row.
    func definitionsBody(_ institution: Institution) -> String {
        """
        \(definitions.filled(for: institution))
        insert into waymark.institution_changes (institution_id, version, checksum)
            values (\(institution.id), 'definitions', '\(definitionsChecksum)')
            on conflict (institution_id, version) do update set checksum = excluded.checksum, applied_at = now();
        """
    }

    private func preamble(_ institution: Institution) -> String {
        """
        set local lock_timeout = '500ms';
        set local role waymark_owner;
        set local search_path = \(institution.schema), pg_temp;
        """
    }

    private func ledger(_ institution: Institution, _ step: SchemaFiles.File) -> String {
        """
        insert into waymark.institution_changes (institution_id, version, checksum)
            values (\(institution.id), '\(step.name)', '\(step.checksum)');
        """
    }

    private func change(_ step: SchemaFiles.File, of institution: Institution) -> String {
        (templates[step.name] ?? SQLTemplate(step.text)).filled(for: institution)
    }
}

extension SchemaFiles.File {
    /// SHA-256 of the text, in hexadecimal: an applied file must not be edited.
    var checksum: String { Self.checksum(of: text) }

    static func checksum(of text: String) -> String {
        Digest.hex(Digest.sha256(Array(text.utf8)))
    }
}
