bool                     boolean
bool, keyed              boolean
int16                    smallint
int16, keyed             smallint
int32                    integer
int32, keyed             integer
int64                    bigint
int64, keyed             bigint
float32                  real
float32, keyed           real
float64                  double precision
float64, keyed           double precision
decimal                  numeric
decimal, keyed           numeric
decimal, 12, 2           numeric(12,2)
decimal, 5, 0            numeric(5,0)
text                     text
text, keyed              text
text, size 40            varchar(40)
text, size 40, keyed     varchar(40)
bytes                    bytea
bytes, keyed             bytea
bytes, size 40           bytea
bytes, size 40, keyed    bytea
time                     timestamptz
time, keyed              timestamptz
uuid                     uuid
uuid, keyed              uuid
json                     jsonb
json, keyed              jsonb
other                    inet
