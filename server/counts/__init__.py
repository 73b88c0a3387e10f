"""How many likes, comments, followers, follows and public videos there are: appended, folded, rebuilt from what is counted."""
