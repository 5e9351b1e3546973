/// Text keys of what fields are called, by their name in the API.
enum FieldText: String, TextKey {
    static let feature = "fields"

    case email, password, institution, name, title, dueOn, description, reminders, goal, plannedMilestones,
        givenName, familyName, preferredName, role, studentNumber, timeZone, studentVisibility, comment, file, files,
        removed,
        header,
        bookingURL, phone, office, location, biography, hours, expiresAt, scopes, status, departmentId, group,
        milestoneIds, contactId, mine, accountId, published, actorId, subject, from, to, action, item, version, manager,
        currentPassword,
        newPassword, position, archived, cohortDelegation, color, logo, removeLogo, categoryId, completion, saved,
        dueAfterDays, contentType,
        size,
        cohortId, studentId, groupId, milestoneId, reminderHour, suspendPercent, language, state, fromCohortId,
        shiftDays,
        firstDay, groups, students, opening, closing, grantedOn, askedFor, accountIds, everybody,
        invitation, invite, classText, classType, teacher, aide, counselor, proctor, principal, administrator,
        adminsNeedCodes, code, challenge, recoveryPassword, removalPassword,
        enabled, issuer, clientId, clientSecret, label, emailClaim, numberClaim, createsStudents, linksStudents,
        requiresVerifiedEmail, domains, rules, studentPasswords, awaited,
        externalId, employeeNumber, displayName, emails, active, defaultRole, mostLosing, added,
        baseUrl, tokenUrl, scope, everyHours, hour, suspendsMissing, partial, whole, mostSuspended,
        report, weekday, recipients, confirmation, archivedStudentsDays, auditDays, mailsDays, filesDays
}
