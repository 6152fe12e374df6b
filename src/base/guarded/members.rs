//! Who is in a group, as far as this host knows.

use uzers::os::unix::GroupExt as _;

/// Whether nobody but this user is in a group: many hosts give every user a group of their own.
pub(super) fn is_of_one(gid: u32, uid: u32) -> bool {
    let (Some(group), Some(user)) = (uzers::get_group_by_gid(gid), uzers::get_user_by_uid(uid))
    else {
        return false;
    };
    let mut members = group.members().iter();
    // Whoever has it as their first group is not listed in it: it is the user's own by its name.
    user.primary_group_id() == gid
        && group.name() == user.name()
        && members.all(|member| member == user.name())
}

/// Whether this user is in a group.
pub(super) fn is_member(gid: u32, uid: u32) -> bool {
    let Some(user) = uzers::get_user_by_uid(uid) else {
        return false;
    };
    let is_listed = || {
        uzers::get_group_by_gid(gid)
            .is_some_and(|group| group.members().iter().any(|member| member == user.name()))
    };
    user.primary_group_id() == gid || is_listed()
}
