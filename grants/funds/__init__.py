"""Room: funds.
You are what differs between funds: data and its shape. You decide nothing.
You may name: nothing of ours.   You may never name: any other room.
If two funds differ, say it in their folders. If they do not, it does not belong here."""
