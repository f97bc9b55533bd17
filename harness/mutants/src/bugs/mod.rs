//! The bugs, one a file.

use crate::bug::Bug;

mod ack_before_crossing;
mod ack_before_relay;
mod ack_enter_late;
mod ack_id_32_bits;
mod ack_ids_wrap;
mod ack_of_a_list;
mod ack_twice;
mod ack_with_arguments;
mod ack_with_null;
mod ack_without_attachments;
mod ack_wrong_id;
mod acks_reversed;
mod anonymous_for_empty;
mod attachments_reversed;
mod base64_for_urls;
mod believes_placeholders;
mod believes_the_text;
mod bleeps;
mod buffer_overflow_drops;
mod bye_again;
mod bye_before_ack;
mod bye_from_strangers;
mod bye_in_first_room_only;
mod bye_to_everyone;
mod bye_to_leaver;
mod bye_twice;
mod bye_with_first_nickname;
mod bytes_as_text;
mod bytes_come_late;
mod closes_on_long_text;
mod collapses_spaces;
mod comes_back_to_sender;
mod composes_room_name;
mod counts_entries;
mod counts_nicknames;
mod counts_one_less;
mod crosses_to_everyone;
mod crosses_to_one;
mod crosses_twice;
mod crossings_overtake;
mod cuts_at_colon;
mod cuts_at_nul;
mod cuts_large_bytes;
mod cuts_what_is_deep;
mod decodes_percent;
mod dies_on_extra_argument;
mod dies_on_garbage;
mod dies_on_inherited_event;
mod dies_on_missing_argument;
mod dies_on_stray_ack;
mod dies_on_wrong_room;
mod dies_on_wrong_type;
mod dies_without_ack;
mod drops_empty_text;
mod drops_last_nulls;
mod drops_line_separators;
mod drops_null_words;
mod drops_repeated_text;
mod early_event_lost;
mod echo_to_sender;
mod echoes_to_everyone;
mod empty_bytes_lost;
mod empty_room_is_everyone;
mod escapes_markup;
mod escapes_quotes;
mod falsy_is_null;
mod fills_placeholders;
mod first_name_across;
mod hangs_when_many_leave;
mod integers_32_bits;
mod joins_late;
mod keeps_empty_rooms;
mod keeps_for_later;
mod keeps_ten_arguments;
mod kicks_namesake;
mod large_stays_on_its_node;
mod last_room_only;
mod late_for_some;
mod leave_ack_with_room;
mod leave_does_nothing;
mod leaver_unsubscribes_its_node;
mod leaves_all_rooms;
mod leaves_by_name;
mod leaves_late;
mod leaves_old_room;
mod leaving_empties_the_room;
mod leaving_forgets_nickname;
mod list_before_ack;
mod list_by_age;
mod list_for_nothing;
mod list_on_reentry;
mod list_to_others;
mod list_to_the_room;
mod lists_changed_room_only;
mod long_is_slow;
mod loses_the_thousandth;
mod makes_links;
mod malformed_relay;
mod mangles_astral;
mod mangles_latin;
mod members_only;
mod misses_first_across;
mod mixes_attachments;
mod nested_bytes_lost;
mod nickname_global;
mod nickname_never_changes;
mod nickname_per_room_lost;
mod nickname_read_late;
mod no_ack_enter;
mod no_ack_for_id_zero;
mod no_ack_for_strangers;
mod no_ack_leave;
mod no_ack_message;
mod no_bye_on_disconnect;
mod no_bye_on_leave;
mod no_bye_when_lost;
mod no_list_at_connect;
mod no_list_on_disconnect;
mod no_list_when_lost;
mod no_relay;
mod no_welcome;
mod null_for_nothing;
mod obeys_commands;
mod plain_spaces;
mod polling_loses_tail;
mod queue_per_room;
mod reads_numbers;
mod relay_drops_nth;
mod relay_per_shared_room;
mod relay_stays_on_its_node;
mod relay_to_everyone;
mod relay_to_fifty;
mod relay_to_one;
mod relay_twice;
mod relay_without_nickname;
mod relays_any_event;
mod remembers_leavers;
mod reorders;
mod replays_history;
mod requires_ack;
mod resumes_the_last;
mod room_dies_with_first;
mod room_limit;
mod room_name_as_number;
mod room_name_as_path;
mod room_name_case;
mod room_name_prefix;
mod room_names_meet_across;
mod skips_after_leaver;
mod sorts_keys;
mod speaks_before_connect;
mod spreads_lists;
mod stays_on_its_old_node;
mod strips_controls;
mod subscribes_again;
mod targets_pile_up;
mod trims_nickname;
mod trims_room_name;
mod trims_text;
mod trips_over_proto;
mod truncates_long_text;
mod truncates_nickname;
mod truncates_room_name;
mod upgrade_loses_first;
mod upgrade_repeats_first;
mod waits_for_the_slow;
mod welcome_before_ack;
mod welcome_debounced;
mod welcome_stays_on_its_node;
mod welcome_to_everyone;
mod welcome_to_self;
mod welcome_twice;
mod welcome_wrong_nickname;

/// A bug in the list of them.
pub(crate) struct Entry {
    /// The file's name, with dashes.
    pub(crate) name: &'static str,
    /// What it is about.
    pub(crate) chapter: &'static str,
    /// One sentence.
    pub(crate) summary: &'static str,
    /// A new one, for a new server.
    pub(crate) bug: fn() -> Box<dyn Bug>,
}

/// Every bug, by chapter. One that is not in this list is dead code to the compiler, which says so.
pub(crate) static ALL: &[Entry] = &[
    welcome_to_self::ENTRY,
    welcome_to_everyone::ENTRY,
    no_welcome::ENTRY,
    welcome_twice::ENTRY,
    welcome_wrong_nickname::ENTRY,
    welcome_before_ack::ENTRY,
    ack_enter_late::ENTRY,
    joins_late::ENTRY,
    welcome_debounced::ENTRY,
    replays_history::ENTRY,
    speaks_before_connect::ENTRY,
    echo_to_sender::ENTRY,
    relay_to_everyone::ENTRY,
    no_relay::ENTRY,
    relay_twice::ENTRY,
    relay_per_shared_room::ENTRY,
    relay_drops_nth::ENTRY,
    relay_to_one::ENTRY,
    relay_without_nickname::ENTRY,
    drops_repeated_text::ENTRY,
    loses_the_thousandth::ENTRY,
    relay_to_fifty::ENTRY,
    members_only::ENTRY,
    room_dies_with_first::ENTRY,
    skips_after_leaver::ENTRY,
    remembers_leavers::ENTRY,
    hangs_when_many_leave::ENTRY,
    keeps_for_later::ENTRY,
    subscribes_again::ENTRY,
    resumes_the_last::ENTRY,
    leave_does_nothing::ENTRY,
    leaves_all_rooms::ENTRY,
    leaves_late::ENTRY,
    no_ack_leave::ENTRY,
    leave_ack_with_room::ENTRY,
    no_ack_for_strangers::ENTRY,
    leaving_forgets_nickname::ENTRY,
    leaving_empties_the_room::ENTRY,
    nickname_global::ENTRY,
    nickname_per_room_lost::ENTRY,
    nickname_never_changes::ENTRY,
    trims_nickname::ENTRY,
    truncates_nickname::ENTRY,
    anonymous_for_empty::ENTRY,
    leaves_by_name::ENTRY,
    kicks_namesake::ENTRY,
    nickname_read_late::ENTRY,
    trims_text::ENTRY,
    collapses_spaces::ENTRY,
    escapes_markup::ENTRY,
    escapes_quotes::ENTRY,
    truncates_long_text::ENTRY,
    mangles_astral::ENTRY,
    drops_empty_text::ENTRY,
    closes_on_long_text::ENTRY,
    mangles_latin::ENTRY,
    plain_spaces::ENTRY,
    reads_numbers::ENTRY,
    drops_null_words::ENTRY,
    obeys_commands::ENTRY,
    fills_placeholders::ENTRY,
    decodes_percent::ENTRY,
    makes_links::ENTRY,
    strips_controls::ENTRY,
    cuts_at_nul::ENTRY,
    bleeps::ENTRY,
    cuts_at_colon::ENTRY,
    leaves_old_room::ENTRY,
    last_room_only::ENTRY,
    targets_pile_up::ENTRY,
    room_name_prefix::ENTRY,
    room_name_case::ENTRY,
    trims_room_name::ENTRY,
    truncates_room_name::ENTRY,
    composes_room_name::ENTRY,
    room_name_as_number::ENTRY,
    room_name_as_path::ENTRY,
    room_limit::ENTRY,
    empty_room_is_everyone::ENTRY,
    ack_with_arguments::ENTRY,
    ack_with_null::ENTRY,
    ack_twice::ENTRY,
    ack_wrong_id::ENTRY,
    no_ack_for_id_zero::ENTRY,
    no_ack_enter::ENTRY,
    no_ack_message::ENTRY,
    ack_before_relay::ENTRY,
    acks_reversed::ENTRY,
    ack_ids_wrap::ENTRY,
    ack_id_32_bits::ENTRY,
    reorders::ENTRY,
    early_event_lost::ENTRY,
    buffer_overflow_drops::ENTRY,
    long_is_slow::ENTRY,
    queue_per_room::ENTRY,
    late_for_some::ENTRY,
    waits_for_the_slow::ENTRY,
    dies_without_ack::ENTRY,
    dies_on_wrong_type::ENTRY,
    requires_ack::ENTRY,
    relays_any_event::ENTRY,
    dies_on_wrong_room::ENTRY,
    dies_on_missing_argument::ENTRY,
    trips_over_proto::ENTRY,
    believes_the_text::ENTRY,
    dies_on_inherited_event::ENTRY,
    dies_on_extra_argument::ENTRY,
    dies_on_stray_ack::ENTRY,
    dies_on_garbage::ENTRY,
    null_for_nothing::ENTRY,
    falsy_is_null::ENTRY,
    drops_last_nulls::ENTRY,
    integers_32_bits::ENTRY,
    drops_line_separators::ENTRY,
    spreads_lists::ENTRY,
    keeps_ten_arguments::ENTRY,
    cuts_what_is_deep::ENTRY,
    sorts_keys::ENTRY,
    believes_placeholders::ENTRY,
    attachments_reversed::ENTRY,
    bytes_as_text::ENTRY,
    base64_for_urls::ENTRY,
    nested_bytes_lost::ENTRY,
    empty_bytes_lost::ENTRY,
    ack_of_a_list::ENTRY,
    ack_without_attachments::ENTRY,
    cuts_large_bytes::ENTRY,
    bytes_come_late::ENTRY,
    mixes_attachments::ENTRY,
    echoes_to_everyone::ENTRY,
    bye_to_leaver::ENTRY,
    bye_to_everyone::ENTRY,
    no_bye_on_leave::ENTRY,
    no_bye_on_disconnect::ENTRY,
    no_bye_when_lost::ENTRY,
    bye_in_first_room_only::ENTRY,
    bye_twice::ENTRY,
    bye_from_strangers::ENTRY,
    bye_again::ENTRY,
    bye_with_first_nickname::ENTRY,
    bye_before_ack::ENTRY,
    no_list_at_connect::ENTRY,
    list_to_the_room::ENTRY,
    list_to_others::ENTRY,
    no_list_on_disconnect::ENTRY,
    no_list_when_lost::ENTRY,
    list_on_reentry::ENTRY,
    list_for_nothing::ENTRY,
    counts_one_less::ENTRY,
    keeps_empty_rooms::ENTRY,
    list_by_age::ENTRY,
    lists_changed_room_only::ENTRY,
    counts_entries::ENTRY,
    counts_nicknames::ENTRY,
    list_before_ack::ENTRY,
    malformed_relay::ENTRY,
    polling_loses_tail::ENTRY,
    upgrade_loses_first::ENTRY,
    upgrade_repeats_first::ENTRY,
    relay_stays_on_its_node::ENTRY,
    welcome_stays_on_its_node::ENTRY,
    crosses_twice::ENTRY,
    crosses_to_everyone::ENTRY,
    comes_back_to_sender::ENTRY,
    crosses_to_one::ENTRY,
    crossings_overtake::ENTRY,
    misses_first_across::ENTRY,
    large_stays_on_its_node::ENTRY,
    room_names_meet_across::ENTRY,
    first_name_across::ENTRY,
    stays_on_its_old_node::ENTRY,
    leaver_unsubscribes_its_node::ENTRY,
    ack_before_crossing::ENTRY,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn a_bug_is_called_like_its_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bugs");
        let files: BTreeSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| {
                file.unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .filter(|stem| stem != "mod")
            .collect();
        let names: BTreeSet<_> = ALL
            .iter()
            .map(|entry| entry.name.replace('-', "_"))
            .collect();
        assert_eq!(files, names);
    }
}
