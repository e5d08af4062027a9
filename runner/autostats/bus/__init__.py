"""What a message bus announces: `autostats listen`."""
