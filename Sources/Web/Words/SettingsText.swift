/// Text keys of the settings.
enum SettingsText: String, TextKey {
    static let feature = "settings"

    case title, text, name, timeZone, timeZoneHint, reminderHour, reminderHourHint, language, languageHint,
        cohortDelegation,
        cohortDelegationHint, studentVisibility,
        studentVisibilityHint, enabled, disabled, update, askEnable, askDisable, enable, disable,
        notReady, openGuide, suspendPercent, suspendPercentHint, adminsNeedCodes, adminsNeedCodesHint
}
